"""What is known of addresses, domains and countries without asking anybody; pure."""
