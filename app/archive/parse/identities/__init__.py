"""Who took part in a call: identities, their ids and numbers in one normal form, participants as rows."""
