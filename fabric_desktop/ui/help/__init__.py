"""Help inside the window: the tour, what a photograph can tell, the doctor's answer, About, and reporting a problem."""
