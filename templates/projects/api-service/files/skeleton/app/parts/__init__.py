"""The parts of the application; see app.main."""
