class Block(Block):
    def forward(self, x):
        return x + self.mlp(self.norm2(x))
