"""One file per table, each with the draws of one range of owners and the batch made of them."""
