class MyTanh(MyTanh):
    @staticmethod
    def backward(ctx, grad_output):
        y = ctx.saved_tensors[0].detach()
        return grad_output * (1 - y * y)
