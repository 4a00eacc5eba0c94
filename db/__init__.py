"""What is true, and where it is kept: vocabulary, workspace, tables, images. Imports no other package of ours."""
