"""Images and targets -> network outputs: the backbone and its weights, the heads, the losses, checkpoints."""
