"""What an account checks before a service sees a call: form, permission, faults; and the journal of all calls."""
