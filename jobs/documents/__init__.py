"""Documents between agencies: what their messages say together, read whenever it is asked for."""
