"""What people and authors say of transcripts, and how a judge compares with it."""
