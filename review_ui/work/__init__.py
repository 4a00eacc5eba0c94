"""The pages where work comes in: reports are added, and read by machine."""
