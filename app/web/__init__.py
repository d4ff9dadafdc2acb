"""The only room that knows Flask: doors for shops, providers, recipients and merchants."""

from app.web.callbacks import callbacks
from app.web.connect.channels import channels
from app.web.connect.klaviyo import connect_klaviyo
from app.web.connect.klaviyo_setup import klaviyo_setup
from app.web.connect.woocommerce import connect_woocommerce
from app.web.embedded import embedded
from app.web.health import health
from app.web.pages.activity import activity
from app.web.pages.flow_list import flow_list
from app.web.pages.flows import flow_pages
from app.web.pages.forecasts import forecasts
from app.web.pages.health import health_page
from app.web.pages.home import home
from app.web.pages.messages import messages
from app.web.pages.people import people
from app.web.pages.reports import report_pages
from app.web.pages.segment_editor import segment_editor
from app.web.pages.segments import segment_pages
from app.web.pages.settings import settings
from app.web.pages.shop_segments import shop_segments
from app.web.pages.tasks import tasks
from app.web.recipient import recipient
from app.web.scrape import scrape
from app.web.signin import signin
from app.web.survey import survey

MERCHANT = (
    home,
    activity,
    people,
    messages,
    flow_list,
    flow_pages,
    forecasts,
    segment_pages,
    segment_editor,
    shop_segments,
    report_pages,
    tasks,
    channels,
    klaviyo_setup,
    health_page,
    settings,
)
"""Behind `access.guard`: whoever asks must have shown which store is theirs."""

PUBLIC = (
    callbacks,
    recipient,
    survey,
    health,
    scrape,
    embedded,
    signin,
    connect_woocommerce,
    connect_klaviyo,
)
"""Open to strangers: each proves what it is told by a signature, a token or a one-time state."""

BLUEPRINTS = (*PUBLIC, *MERCHANT)
