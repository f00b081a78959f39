"""What the outside world speaks: bank rates, files, documents."""
