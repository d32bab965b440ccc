"""Creates, renews and replaces one Graph subscription for each tenant; handles lifecycle events."""
