"""What Granian serves."""

from app import jobs, logs, metrics
from app.config import read_config
from app.factory import connect_process, create_app

logs.guard_last_words()
_config = read_config()
connect_process(_config)
metrics.share(jobs.redis())
app = create_app(_config)
