"""Microsoft Graph as it is: one call for each thing Graph offers us, nothing of ours, no database."""
