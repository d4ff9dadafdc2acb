"""Connected shops: installing, settings, credentials, backfill, health and erasure."""
