"""The library, batches, encoders and the first steps in the window. The parts around one photograph are not here."""
