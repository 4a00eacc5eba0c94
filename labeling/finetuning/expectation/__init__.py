"""Teaching what reports usually say, for `labeling/rules/expectation/`: `echodesk finetune --expectation`."""
