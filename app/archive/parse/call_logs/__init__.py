"""A row of the PSTN log or the Direct Routing log as a row of the table; pure, no SQL."""
