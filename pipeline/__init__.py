"""The whole way of the data: from reports to a model in use, one folder a stage."""
