"""Bytes by key: local directory with fsync, or S3, GCS and Azure; and the framed record format."""
