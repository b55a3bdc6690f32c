"""Turns a Hugging Face mixture-of-experts checkpoint into a model bundle of Ostinato."""
