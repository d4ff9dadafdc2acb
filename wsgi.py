"""What Granian serves."""

from app.config import read_config
from app.factory import connect_process, create_app

_config = read_config()
connect_process(_config)
app = create_app(_config)
