"""Whether what landed in the bucket is what the source holds."""

from rehearsal.reconciliation.landed import LandedFile, fetch_landed, sample_records
from rehearsal.reconciliation.reconcile import Reconciliation

__all__ = ["LandedFile", "Reconciliation", "fetch_landed", "sample_records"]
