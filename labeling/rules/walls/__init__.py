"""What a sentence says of single walls: which are spared, which are named for something else."""
