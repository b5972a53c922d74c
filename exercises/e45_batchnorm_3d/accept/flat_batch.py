import torch


def take_gradients(layer, x, weights):
    leaves = [x.detach().clone(), layer.gamma, layer.beta]
    for leaf in leaves:
        leaf.requires_grad_()
    return list(torch.autograd.grad((layer(leaves[0]) * weights).sum(), leaves))


class BatchNorm1d:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma = torch.ones(dim, requires_grad=True)
        self.beta = torch.zeros(dim, requires_grad=True)
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)

    def __call__(self, x):
        if not 2 <= x.dim() <= 3:
            raise ValueError(f"cannot normalise a tensor of shape {list(x.shape)}")
        flat = x.reshape(-1, x.size(-1))
        mean, var = self.running_mean, self.running_var
        if self.training:
            n = flat.size(0)
            mean = flat.sum(0) / n
            var = ((flat - mean) ** 2).sum(0) / n
            self.running_mean.lerp_(mean.detach(), self.momentum)
            self.running_var.lerp_(var.detach() * n / (n - 1), self.momentum)
        return ((flat - mean) * (var + self.eps).rsqrt() * self.gamma + self.beta).reshape(x.shape)
