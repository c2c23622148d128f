"""An environment's settings: the model, how a file is found, and what does not fit together."""
