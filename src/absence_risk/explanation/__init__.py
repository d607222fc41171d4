"""What each risk is made of: contributions that add up, and the sentences that say them."""
