"""The page of telephony: trunks, queues, missed calls and cost, and the rows of the logs that they are made of."""
