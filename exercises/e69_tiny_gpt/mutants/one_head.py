class Block(Block):
    def __init__(self, n_embd, n_head):
        super().__init__(n_embd, 1)
