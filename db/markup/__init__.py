"""HTML and SVG made by calls: elements, scales, plots without script."""
