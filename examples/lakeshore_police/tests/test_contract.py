"""The plugin is what Contingent asks of any plugin, and answers the cases beside this file as recorded."""

from contingent.testing import PluginContract


class TestLakeshorePolice(PluginContract):
    plugin = "lakeshore_police"
