"""The tables. Rows and constraints only: what happens to them is decided in the rooms above."""

from app.models.base import Base, new_id
from app.models.commerce import Cart, CartKey, Order, OrderLine, Product, Refund
from app.models.experiments import Draw, Lift, Wave
from app.models.flows import (
    Decision,
    Flow,
    FlowMember,
    FlowStatus,
    FlowVersion,
    Journey,
    JourneyStatus,
    OutboundCall,
    Task,
)
from app.models.forecasts import Forecast, Prediction
from app.models.habits import ProductMeasure, StoreHabits
from app.models.health import Heartbeat, OperatorCall, Trouble
from app.models.imports import ImportRow
from app.models.inbox import LoggedFact, Webhook, WebhookStatus
from app.models.messages import (
    UNSENT,
    Credit,
    Link,
    LostSend,
    Message,
    MessageStatus,
    Offer,
    PollCursor,
    ReceiptEntry,
    SenderBucket,
    Touch,
)
from app.models.notices import Erasure, Letter, Notice
from app.models.people import (
    ConsentEntry,
    ConsentWriteback,
    Customer,
    Identity,
    Merge,
    Suppression,
)
from app.models.profiles import ProfileUpsert
from app.models.reports import PeopleReport
from app.models.scores import Standing, StandingChange, StoreMeasure
from app.models.segments import Segment, SegmentDay, SegmentKind, ShopMember, ShopSegment
from app.models.stores import Backfill, Credential, PendingConnection, Store, StoreStatus

__all__ = [
    "UNSENT",
    "Backfill",
    "Base",
    "Cart",
    "CartKey",
    "ConsentEntry",
    "ConsentWriteback",
    "Credential",
    "Credit",
    "Customer",
    "Decision",
    "Draw",
    "Erasure",
    "Flow",
    "FlowMember",
    "FlowStatus",
    "FlowVersion",
    "Forecast",
    "Heartbeat",
    "Identity",
    "ImportRow",
    "Journey",
    "JourneyStatus",
    "Letter",
    "Lift",
    "Link",
    "LoggedFact",
    "LostSend",
    "Merge",
    "Message",
    "MessageStatus",
    "Notice",
    "Offer",
    "OperatorCall",
    "Order",
    "OrderLine",
    "OutboundCall",
    "PendingConnection",
    "PeopleReport",
    "PollCursor",
    "Prediction",
    "Product",
    "ProductMeasure",
    "ProfileUpsert",
    "ReceiptEntry",
    "Refund",
    "Segment",
    "SegmentDay",
    "SegmentKind",
    "SenderBucket",
    "ShopMember",
    "ShopSegment",
    "Standing",
    "StandingChange",
    "Store",
    "StoreHabits",
    "StoreMeasure",
    "StoreStatus",
    "Suppression",
    "Task",
    "Touch",
    "Trouble",
    "Wave",
    "Webhook",
    "WebhookStatus",
    "new_id",
]
