"""What is true, and where it is kept: vocabulary, workspace, tables, images. Imports nothing else of ours."""
