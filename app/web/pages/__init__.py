"""What a merchant sees and does: every page behind `access.guard`, every change by POST."""
