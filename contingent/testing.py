"""The plugin contract kit: ``class TestMine(PluginContract): plugin = "mine"``."""
