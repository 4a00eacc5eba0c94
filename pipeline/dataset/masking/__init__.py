"""Pictures on their way out: who is named on them is painted over.

Ours, because libraries that redact look for names in sentences. Recognised pages have none: misread words in
boxes, on forms that print names in places of their own.
"""
