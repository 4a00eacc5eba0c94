"""The verbs of the `echodesk` command, one module a group. Nothing imports this but `pipeline.cli`."""
