# The stack that `cloudops infra up` makes with its defaults, for bench/infra.mjs. The endpoint, region and credentials
# come from the environment.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  default_tags {
    tags = { "cloudops:stack" = local.stack }
  }
}

variable "public_key" {
  type = string
}

locals {
  stack    = "smartcloudops-dev"
  operator = "203.0.113.7/32"
  vpc_cidr = "10.0.0.0/16"
  subnets = {
    "public-1" = { cidr = "10.0.1.0/24", zone = "us-east-1a" }
    "public-2" = { cidr = "10.0.2.0/24", zone = "us-east-1b" }
  }
  hosts = {
    "monitoring"    = { type = "t3.medium", size = 20, subnet = "public-1", group = "monitoring" }
    "application-1" = { type = "t3.small", size = 10, subnet = "public-2", group = "web" }
  }
}

data "aws_ssm_parameter" "image" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

resource "aws_vpc" "main" {
  cidr_block           = local.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = local.stack }
}

resource "aws_subnet" "public" {
  for_each                = local.subnets
  vpc_id                  = aws_vpc.main.id
  cidr_block              = each.value.cidr
  availability_zone       = each.value.zone
  map_public_ip_on_launch = true
  tags                    = { Name = "${local.stack}-${each.key}" }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = local.stack }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
  tags = { Name = "${local.stack}-public" }
}

resource "aws_route_table_association" "public" {
  for_each       = aws_subnet.public
  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_security_group" "monitoring" {
  name        = "${local.stack}-monitoring"
  description = "made by terraform"
  vpc_id      = aws_vpc.main.id
  dynamic "ingress" {
    for_each = { 22 = "SSH", 9090 = "Prometheus", 3001 = "Grafana" }
    content {
      from_port   = ingress.key
      to_port     = ingress.key
      protocol    = "tcp"
      cidr_blocks = [local.operator]
      description = "${ingress.value} from the operator"
    }
  }
  ingress {
    from_port   = 9100
    to_port     = 9100
    protocol    = "tcp"
    cidr_blocks = [local.vpc_cidr]
    description = "Node Exporter from the VPC"
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
  tags = { Name = "${local.stack}-monitoring" }
}

resource "aws_security_group" "web" {
  name        = "${local.stack}-web"
  description = "made by terraform"
  vpc_id      = aws_vpc.main.id
  dynamic "ingress" {
    for_each = { 22 = "SSH", 3000 = "application" }
    content {
      from_port   = ingress.key
      to_port     = ingress.key
      protocol    = "tcp"
      cidr_blocks = [local.operator]
      description = "${ingress.value} from the operator"
    }
  }
  dynamic "ingress" {
    for_each = { 80 = "HTTP", 443 = "HTTPS" }
    content {
      from_port   = ingress.key
      to_port     = ingress.key
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
      description = ingress.value
    }
  }
  dynamic "ingress" {
    for_each = { 3000 = "application", 9100 = "Node Exporter" }
    content {
      from_port       = ingress.key
      to_port         = ingress.key
      protocol        = "tcp"
      security_groups = [aws_security_group.monitoring.id]
      description     = "${ingress.value} from Prometheus"
    }
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
  tags = { Name = "${local.stack}-web" }
}

resource "aws_key_pair" "main" {
  key_name   = local.stack
  public_key = var.public_key
}

resource "aws_iam_role" "host" {
  name = "${local.stack}-host"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "host" {
  name = "cloudops"
  role = aws_iam_role.host.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ssm:UpdateInstanceInformation", "ssmmessages:*", "ec2messages:*", "ec2:DescribeInstances"]
      Resource = "*"
    }]
  })
}

resource "aws_iam_instance_profile" "host" {
  name = "${local.stack}-host"
  role = aws_iam_role.host.name
}

resource "aws_instance" "host" {
  for_each             = local.hosts
  ami                  = data.aws_ssm_parameter.image.value
  instance_type        = each.value.type
  subnet_id            = aws_subnet.public[each.value.subnet].id
  key_name             = aws_key_pair.main.key_name
  iam_instance_profile = aws_iam_instance_profile.host.name
  vpc_security_group_ids = [
    each.value.group == "web" ? aws_security_group.web.id : aws_security_group.monitoring.id
  ]
  root_block_device {
    volume_size = each.value.size
    volume_type = "gp3"
    encrypted   = true
  }
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }
  tags = { Name = "${local.stack}-${each.key}" }
}
