"""One condition language: to SQL for a set of people, in memory for one."""
