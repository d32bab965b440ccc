"""The Graph API: call records, subscriptions, authorization and throttling."""
