"""Everything that imports Qt, the composition root `app` apart. The core never imports from here."""
