"""Plugins on the API: what lets more run or erases is a person's, on the pages (decision 0036)."""

from __future__ import annotations

from core.extensions.allowing import get_allowance
from core.extensions.deliveries import get_delivery, list_deliveries, resend_deliveries, resend_delivery
from core.extensions.figures import get_figures
from core.extensions.log import list_plugin_lines
from core.extensions.recommending import (
    get_kept_profile,
    list_kept_profiles,
    recommend_settings,
    save_profile,
    take_profile,
)
from core.extensions.removing import export_plugin_data
from core.extensions.replaying import replay_delivery, replay_hook
from core.extensions.service import (
    disable_plugin,
    enable_plugin,
    get_plugin,
    list_installed,
    list_plugins,
)
from core.extensions.settings import configure_plugin, try_settings
from core.extensions.stopping import enter_safe_mode, stop_plugin
from core.extensions.using_profiles import get_profile, list_profiles
from core.web.routes import Route

ROUTES = [
    Route("GET", "/plugins", list_plugins),
    Route("GET", "/plugins/{name}", get_plugin),
    Route("GET", "/plugins/{name}/figures", get_figures),
    Route("GET", "/plugin-log", list_plugin_lines),
    Route("PUT", "/plugins/{name}/settings", configure_plugin),
    Route("POST", "/plugins/{name}/test", try_settings),
    Route("POST", "/plugins/{name}/enable", enable_plugin),
    Route("POST", "/plugins/{name}/disable", disable_plugin),
    Route("POST", "/plugins/{name}/data/export", export_plugin_data),
    Route("POST", "/safe-mode/enter", enter_safe_mode),
    Route("GET", "/plugins/{name}/deliveries", list_deliveries),
    Route("POST", "/plugins/{name}/deliveries/resend", resend_deliveries),
    Route("GET", "/plugins/{name}/deliveries/{id}", get_delivery),
    Route("POST", "/plugins/{name}/deliveries/{id}/resend", resend_delivery),
    Route("POST", "/plugins/{name}/deliveries/{id}/replay", replay_delivery),
    Route("POST", "/plugins/{name}/hooks/{hook}/replay", replay_hook),
    Route("GET", "/installed-plugins", list_installed),
    Route("GET", "/installed-plugins/{name}/allowance", get_allowance),
    Route("GET", "/kept-profiles", list_kept_profiles),
    Route("GET", "/kept-profiles/{key}", get_kept_profile),
    Route("PUT", "/kept-profiles/{key}", save_profile),
    Route("PUT", "/kept-profiles/{key}/plugins/{name}", recommend_settings),
    Route("POST", "/kept-profiles/{key}/take", take_profile),
    Route("GET", "/plugin-profiles", list_profiles),
    Route("GET", "/plugin-profiles/{key}", get_profile),
    Route("POST", "/plugin-stops", stop_plugin),
]
