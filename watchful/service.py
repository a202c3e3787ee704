"""The roof: the only place that knows both doors. Builds the application from settings."""
