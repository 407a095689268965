"""What all charts share: style, time axis, marks, labels."""
