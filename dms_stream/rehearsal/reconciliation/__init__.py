"""Whether what landed in the bucket is what the source holds."""

from dms_stream.rehearsal.reconciliation.landed import LandedFile, fetch_landed, sample_records
from dms_stream.rehearsal.reconciliation.reconcile import History, Reconciliation

__all__ = ["History", "LandedFile", "Reconciliation", "fetch_landed", "sample_records"]
