"""The routes of telephony below `/api`: rows of the PSTN and Direct Routing logs, and the figures of them."""
