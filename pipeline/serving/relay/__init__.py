"""The small host the messenger can reach: takes messages in, keeps them, hands photos on, sends answers."""
