"""The plugin is what Contingent asks of any plugin, and answers the cases beside this file as recorded."""

from contingent.testing import PluginContract


class TestPayrollExtract(PluginContract):
    plugin = "payroll_extract"
