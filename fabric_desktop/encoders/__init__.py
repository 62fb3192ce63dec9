"""Encoders: patch to embedding. See `registry` for what other rooms use."""
