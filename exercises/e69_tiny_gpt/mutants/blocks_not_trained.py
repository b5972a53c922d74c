class Block(Block):
    def forward(self, x):
        return super().forward(x).detach()
