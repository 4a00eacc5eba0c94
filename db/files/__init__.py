"""Files and folders written once and renamed into place: whole, manifest, keys, code version."""
