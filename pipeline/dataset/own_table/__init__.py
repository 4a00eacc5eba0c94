"""A researcher's own table of labels and folder of ECG photographs -> a snapshot."""
