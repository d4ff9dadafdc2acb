"""What the web processes serve. `python -m app.serve` imports it by its name."""

from app import jobs, logs, metrics
from app.config import read_config
from app.factory import connect_process, create_app, create_doors
from app.inbox.clocks import watch_clock
from app.serve import end_with_the_first

logs.guard_last_words()
_config = read_config()
connect_process(_config)
metrics.share(jobs.redis())
watch_clock("web")
end_with_the_first()
app = create_doors(create_app(_config), _config)
